"""The rule packs (规则包): what is asked, one YAML file a document or body of law, one folder a jurisdiction."""

"""Compose files: from YAML to services. A service is (project folder, name), never a file: base and override are one.

`compose_files` parses each file once, `compose_parts` finds each file's part of a service, `compose_project` merges the parts of
a service into one mapping by the rules of `compose_merge`, and `compose_service` interprets it. It starts in `importers.service_files`.
"""

"""Compose files: from YAML to services. A service is (project folder, name), never a file: base and override are one.

`compose_files` parses each file once, `compose_parts` says what one file has of each service, `compose_project` puts the parts of a service into one
mapping by the rules of `compose_merge`, and `compose_service` says what that mapping means. `importers.service_files` begins it all.
"""

"""Compose files: from YAML to services. A service is (project folder, name), never a file: base and override are one.

`files` parses each file once, `parts` says what one file has of each service, `together` puts the parts of a service into one
mapping by the rules of `merging`, and `service` says what that mapping means. `kb.imports.reading` begins it all.
"""

"""Decision records of other tools: each dialect is one file in `dialects/`, and the rules that they share are here.

A dialect's file defines `DIALECT`, and is found because it is there. `record_head.read` reads the head of a record in any
dialect, for `kb import adr` and for records left in place; `import_plan.plan` says what an import would write. All of it is
pure: texts and dates in, records out.
"""

"""Decision records of other tools: each dialect is one file in `dialects/`, and the rules that they share stand here.

A dialect's file holds `DIALECT`; it is found by being there. `record_head.read` says what a record's head says, whichever the
dialect, for `kb import adr` and for records that are read where they are; `import_plan.plan` says what an import would write.
All of it is pure: texts and dates in, records out.
"""

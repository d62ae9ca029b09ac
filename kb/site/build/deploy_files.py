"""The files that publish a site: workflows for Git hosts, and configuration for your own web server. Pure text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..html import csp


@dataclass(frozen=True)
class Site:
    """What the files say about the knowledge base."""

    version: str  # of kb, which the workflows install
    branch: str  # the branch whose pushes publish
    folder: str  # of the knowledge base in its repository; empty for the top, else ending in a slash
    live: str  # the folder of the built site on this machine
    built: str  # the same, relative to the repository
    guarded: bool = True  # whether the pages have a Content-Security-Policy


_BUILD = """\
pip install --quiet labkb=={version}
kb --root ./{folder} site build --strict"""


def _build(site: Site, indent: str) -> str:
    return _BUILD.format(version=site.version, folder=site.folder).replace("\n", f"\n{indent}")


def github(site: Site) -> str:
    """A workflow for GitHub Pages."""
    return f"""\
# Builds the site at each push and publishes it on GitHub Pages.
# Once, in the repository: Settings → Pages → Source: GitHub Actions. Pages of a private repository may be public: look first.
name: site
on:
  push:
    branches: [{json.dumps(site.branch)}]
  workflow_dispatch:
permissions:
  contents: read
  pages: write
  id-token: write
concurrency:
  group: pages
  cancel-in-progress: true
jobs:
  site:
    runs-on: ubuntu-24.04
    environment:
      name: github-pages
      url: ${{{{ steps.deployment.outputs.page_url }}}}
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd  # v6.0.2
        with:
          fetch-depth: 0  # the whole history: each note says when it was changed
          persist-credentials: false
      - uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405  # v6.2.0
        with:
          python-version: "3.13"
      - run: |
          {_build(site, " " * 10)}
      - uses: actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9  # v5.0.0
        with:
          path: {json.dumps(site.built)}
      - id: deployment
        uses: actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128  # v5.0.0
"""


def gitlab(site: Site) -> str:
    """A pipeline for GitLab Pages."""
    return f"""\
# Builds the site at each push and publishes it on GitLab Pages.
# Who may see it: Settings → General → Visibility → Pages. A pipeline of your own? Take the job over into it.
pages:
  image: python:3.13-slim-bookworm
  variables:
    GIT_DEPTH: "0"  # the whole history: each note says when it was changed
    PIP_ROOT_USER_ACTION: ignore
  before_script:
    - apt-get -q update && apt-get -q install -y --no-install-recommends git
  script:
    - |
      {_build(site, " " * 6)}
    - rm -rf public && cp -r {json.dumps(site.built)} public
  artifacts:
    paths:
      - public
  rules:
    - if: $CI_COMMIT_BRANCH == {json.dumps(site.branch)}
"""


def forgejo(site: Site) -> str:
    """A workflow for Forgejo and Gitea: the site becomes the branch `pages`, which Codeberg Pages and others serve."""
    return f"""\
# Builds the site at each push and puts it on the branch `pages`, which Codeberg Pages and pages servers like it show.
# Needs a runner with Docker. No action is downloaded: Git and pip are all it takes.
name: site
on:
  push:
    branches: [{json.dumps(site.branch)}]
  workflow_dispatch:
jobs:
  site:
    runs-on: docker
    container:
      image: python:3.13-bookworm
    env:
      TOKEN: ${{{{ github.token }}}}
      REPOSITORY: ${{{{ github.server_url }}}}/${{{{ github.repository }}}}.git
      BRANCH: ${{{{ github.ref_name }}}}
    steps:
      - name: the notes with their whole history, which says when each was changed
        run: |
          git -c http.extraHeader="Authorization: token $TOKEN" clone --branch "$BRANCH" "$REPOSITORY" repository
      - name: the site
        run: |
          cd repository
          {_build(site, " " * 10)}
      - name: the branch pages
        run: |
          cd repository/{site.built}
          git init --quiet --initial-branch pages
          git add --all
          git -c user.name=kb -c user.email=kb@localhost commit --quiet --message "The site"
          git -c http.extraHeader="Authorization: token $TOKEN" push --force "$REPOSITORY" pages
"""


def caddy(site: Site) -> str:
    """A site block for Caddy 2."""
    policy = f"\t\tContent-Security-Policy {json.dumps(csp.header())}\n" if site.guarded else ""
    return f"""\
# For Caddy 2. Put the name of your host into the next line; for one at home, `tls internal` below it makes its own certificate.
notes.example.org {{
	# kb exchanges this folder as a whole: a container must be given the folder above it, or it keeps the old one.
	root * {json.dumps(site.live)}
	encode zstd gzip

	# For a login (the hash by `caddy hash-password`; before Caddy 2.8 it is called basicauth):
	# basic_auth {{
	# 	me $2a$14$…
	# }}

	@hidden path */.*
	error @hidden 404

	header {{
{policy}\t\tX-Content-Type-Options nosniff
		Referrer-Policy no-referrer
		X-Frame-Options DENY
	}}
	# By itself: in one block with the others, those would wait until the end too, and be missing on the page of errors.
	header -Server
	# Files with a digest in their names stay as they are; of all others a browser asks whether they have changed.
	@named path_regexp \\.[0-9a-f]{{8}}\\.min\\.(?:js|css)$
	@others not path_regexp \\.[0-9a-f]{{8}}\\.min\\.(?:js|css)$
	header @named Cache-Control "public, max-age=31536000, immutable"
	header @others Cache-Control no-cache

	# No `browse`: no folder is listed.
	file_server
	handle_errors {{
		header -Server
		@missing expression {{err.status_code}} == 404
		handle @missing {{
			rewrite * /404.html
			file_server
		}}
	}}
}}
"""


def nginx(site: Site) -> str:
    """A server block for nginx."""
    guard = f"\n    add_header Content-Security-Policy {json.dumps(csp.header())} always;" if site.guarded else ""
    return f"""\
# For nginx: include it in the http block, with the name of your host and your certificate.
map $uri $kb_cache {{
    default                          "no-cache";  # pages change with each build: a browser asks whether they have
    "~\\.[0-9a-f]{{8}}\\.min\\.(js|css)$"  "public, max-age=31536000, immutable";
}}

server {{
    listen 80;
    listen [::]:80;
    # listen 443 ssl; ssl_certificate …; ssl_certificate_key …;
    server_name notes.example.org;

    # kb exchanges this folder as a whole: a container must be given the folder above it, or it keeps the old one.
    root {json.dumps(site.live)};
    index index.html;
    autoindex off;
    server_tokens off;
    # For a login (the file by `htpasswd -c`):
    # auth_basic "notes"; auth_basic_user_file /etc/nginx/notes.htpasswd;
    charset utf-8;
    gzip on;
    gzip_types text/css application/javascript image/svg+xml application/atom+xml text/plain;
{guard}
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy no-referrer always;
    add_header X-Frame-Options DENY always;
    add_header Cache-Control $kb_cache always;

    location ~ /\\. {{ return 404; }}
    location / {{ try_files $uri $uri/ =404; }}
    error_page 404 /404.html;
    error_page 403 =404 /404.html;  # a folder without a page of its own
}}
"""


# The place of each in a repository, and the function that makes it.
FILES: Mapping[str, tuple[str, Callable[[Site], str]]] = {
    "github": (".github/workflows/site.yml", github),
    "gitlab": (".gitlab-ci.yml", gitlab),
    "forgejo": (".forgejo/workflows/site.yml", forgejo),
    "gitea": (".gitea/workflows/site.yml", forgejo),
    "caddy": ("deploy/Caddyfile", caddy),
    "nginx": ("deploy/nginx.conf", nginx),
}

"""The pages of the site, one file each: a page depends only on the notes and on SiteFacts."""

"""The pages of the site, one file each: a page follows from the notes and from SiteFacts."""

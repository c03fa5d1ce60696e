"""What one sees while designing: an index of all pages, and a server that shows the newest good build."""

"""The built front-end files, served once for all departments from memory."""

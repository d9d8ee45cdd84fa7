"""One file per kind of analysis; the file name is the kind in the study file, the signature its schema."""

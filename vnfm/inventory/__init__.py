"""Records of VNF instances."""

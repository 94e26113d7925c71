"""What stacks of earlier commits held, each in one file; how such a file is made, and filled into fresh servers."""

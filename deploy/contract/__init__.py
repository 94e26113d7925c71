"""The contract as files, for whoever reads our topics: written from `shared/contracts`, kept compatible."""

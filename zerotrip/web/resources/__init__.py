"""What the pages of offers and wants have in common, at the portal and at the desk."""

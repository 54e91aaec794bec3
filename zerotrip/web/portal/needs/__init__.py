"""An enterprise's needs (企业诉求) in the portal."""

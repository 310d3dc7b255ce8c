"""Page layout and components: what every portal's pages are made of. docs/components.md describes them."""

"""OCR and faces: pure functions on images, no Django. Reading and comparing arrive with the recognition step."""

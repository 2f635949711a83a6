"""Pages: rendered here, whole without JavaScript, Chinese first."""

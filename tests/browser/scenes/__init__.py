"""What the pictures of ``docs/screens`` show; each module names its scenes in ``SCENES``."""

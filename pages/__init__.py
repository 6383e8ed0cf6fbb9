"""The screens: thin scripts over the services. What several of them share is in ``pages._ui``."""

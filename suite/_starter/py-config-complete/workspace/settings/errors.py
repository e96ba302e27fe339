"""What can be wrong with settings."""


class SettingsError(Exception):
    """The base of all errors here."""


class MissingError(SettingsError):
    """A setting that is needed is not set."""

    def __init__(self, name):
        super().__init__(f"setting {name} is not set")
        self.name = name


class CycleError(SettingsError):
    """A setting needs its own value. names leads from the setting back to it: a, b, a."""

    def __init__(self, names):
        super().__init__(" -> ".join(names))
        self.names = list(names)


class SyntaxProblem(SettingsError):
    """A reference is not written as it should be. place counts characters of text from 0."""

    def __init__(self, text, place):
        super().__init__(f"bad reference at character {place} of {text!r}")
        self.text = text
        self.place = place

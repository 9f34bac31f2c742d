from descriptors.limits import Limits
from mano_runtime.settings import Settings
from nfvo.server import limits_of


def test_every_limit_on_packages_is_a_setting_with_the_same_default():
    """A server without configuration reads packages as the command line does; each bound can be set."""
    assert limits_of(Settings()) == Limits()
    assert limits_of(Settings.read({"MANO_PACKAGE_DEPTH": "7"})) == Limits(depth=7)

"""For every code of a diagnostic a package that provokes it."""

from provoked_archive import ARCHIVES
from provoked_services import SERVICES
from provoked_signatures import SIGNATURES
from provoked_sol001 import SOL001, SONATA
from provoked_tosca import FUNCTIONS, TOSCA, YAML

ALL = {
    provocation.code: provocation
    for provocation in (*ARCHIVES, *SIGNATURES, *YAML, *TOSCA, *FUNCTIONS, *SERVICES, *SOL001, *SONATA)
}

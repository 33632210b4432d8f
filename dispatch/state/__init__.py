"""The picture of now, in rows and columns, and the only two functions that change it."""

from dispatch.state.apply import apply
from dispatch.state.incident_table import NO_INCIDENT, Asked, IncidentTable
from dispatch.state.observe import observe
from dispatch.state.rows import HospitalBoard, Incident, Response, Unit
from dispatch.state.state import BLUE_LIGHT_RANK_MAX, State, open_roles
from dispatch.state.table import FAR_FUTURE_MS, NO_HOSPITAL, NOWHERE, UnitTable

__all__ = [
    "BLUE_LIGHT_RANK_MAX",
    "FAR_FUTURE_MS",
    "NOWHERE",
    "NO_HOSPITAL",
    "NO_INCIDENT",
    "Asked",
    "HospitalBoard",
    "Incident",
    "IncidentTable",
    "Response",
    "State",
    "Unit",
    "UnitTable",
    "apply",
    "observe",
    "open_roles",
]

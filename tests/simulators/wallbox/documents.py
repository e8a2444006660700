"""The fields that the documents and recordings have."""

from __future__ import annotations


def names(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


# The examples of the API document, field by field.
STATUS = names(
    """
    user_id user_name car_id car_plate depot_price last_sync power_sharing_status mid_status status_id name
    charging_power max_available_power depot_name charging_speed added_range added_energy added_green_energy
    added_discharged_energy added_grid_energy charging_time finished cost current_mode preventive_discharge
    state_of_charge ocpp_status config_data
    """
)
CONFIG = names(
    """
    charger_id uid serial_number name locked auto_lock auto_lock_time multiuser max_charging_current language
    icp_max_current grid_type energy_price energyCost unlock_user_id power_sharing_config purchased_power show_name
    show_lastname show_email show_profile show_default_user gesture_status home_sharing dca_status connection_type
    max_available_current live_refresh_time update_refresh_time owner_id remote_action rfid_type charger_has_image
    sha256_charger_image plan sync_timestamp currency charger_load_type contract_charging_available country state
    timezone part_number software available operation_mode ocpp_ready tariffs mid_enabled mid_margin mid_margin_unit
    mid_serial_number mid_status session_segment_length group_id user_socket_locking sim_iccid ecosmart
    """
)
BASIC = names(
    """
    id uid uniqueIdentifier serialNumber name group groupUid chargerType softwareVersion softwareUpdatedAt status
    ocppConnectionStatus ocppReady stateOfCharge maxChgCurrent maxAvailableCurrent maxChargingCurrent locked
    lastConnection lastSync midEnabled midMargin midMarginUnit midSerialNumber midStatus wifiSignal connectionType
    chargerLoadName chargerLoadId chargingType connectorType protocolCommunication accessType powerSharingStatus resume
    """
)
SUMMARY = names(
    """
    id uid access name status chargerType ocppReady ocppConnectionStatus connectionType locked maxChargingCurrent
    addedEnergy chargingPower chargingTime energyUnit powerUnit image lastConnection lastSync wifiSignal
    chargerLoadType currency energyPrice energyCost remoteAction software midStatus midEnabled country state
    operationMode
    """
)
NEW_STATUS = names("grid pru")
NEW_CONFIG = names("home_power_export_setpoint max_charging_unit max_charging_value phase_switch zipcode")

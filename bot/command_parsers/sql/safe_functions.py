"""The functions of PostgreSQL that were looked at and act on nothing; any other makes a statement a change.

A test holds the list against `pg_proc`: stable or immutable there, or among those that are volatile only because
their answer changes by itself (`VOLATILE`).
"""

_HARMLESS = """
    abs age any_value array_agg array_append array_length array_lower array_position array_remove array_to_string
    array_upper ascii avg bit_length bool_and bool_or btrim cardinality ceil ceiling char_length character_length
    chr concat concat_ws corr count cume_dist current_database current_schema current_schemas current_setting
    date_bin date_part date_trunc dense_rank div encode every exp extract first_value floor format format_type
    generate_series has_database_privilege has_schema_privilege has_table_privilege host inet_client_addr
    inet_server_addr inet_server_port initcap isfinite json_agg json_array_elements json_array_elements_text
    json_array_length json_build_array json_build_object json_each json_each_text json_extract_path
    json_extract_path_text json_object_agg json_object_keys json_typeof jsonb_agg jsonb_array_elements
    jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text
    jsonb_extract_path jsonb_extract_path_text jsonb_object_agg jsonb_object_keys jsonb_pretty jsonb_typeof
    justify_days justify_hours justify_interval lag last_value lead left length ln log lower lpad ltrim
    make_interval make_timestamp max md5 min mod mode mxid_age now nth_value ntile numeric_larger obj_description
    octet_length overlaps overlay percent_rank percentile_cont percentile_disc pg_backend_pid
    pg_column_size pg_conf_load_time pg_encoding_to_char pg_get_constraintdef pg_get_expr pg_get_functiondef
    pg_get_indexdef pg_get_userbyid pg_get_viewdef pg_my_temp_schema pg_postmaster_start_time
    pg_show_all_settings pg_size_bytes pg_size_pretty pg_stat_get_activity
    pg_stat_get_backend_idset pg_stat_get_db_numbackends pg_stat_get_live_tuples pg_stat_get_dead_tuples
    pg_stat_get_last_autovacuum_time pg_stat_get_last_analyze_time pg_stat_get_last_vacuum_time
    pg_table_is_visible pg_tablespace_location pg_typeof pg_wal_lsn_diff position power quote_ident quote_literal
    similar_to_escape like_escape rank regexp_count regexp_match regexp_matches regexp_replace
    regexp_split_to_array regexp_split_to_table regexp_substr replace reverse right round row_number row_to_json
    rpad rtrim sign split_part sqrt starts_with
    statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array strpos substr substring sum
    timezone to_char to_date to_json to_jsonb to_number to_regclass to_timestamp transaction_timestamp translate
    trunc unnest upper var_pop var_samp variance version width_bucket
"""
_VOLATILE = """
    clock_timestamp timeofday pg_blocking_pids pg_safe_snapshot_blocking_pids pg_lock_status
    pg_database_size pg_relation_size pg_table_size pg_indexes_size
    pg_total_relation_size pg_tablespace_size pg_is_in_recovery pg_is_wal_replay_paused
    pg_last_xact_replay_timestamp pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_current_wal_lsn
    pg_current_wal_insert_lsn pg_current_wal_flush_lsn
"""
VOLATILE = frozenset(_VOLATILE.split())
"""Their answer changes by itself; they change nothing."""

HARMLESS = frozenset(_HARMLESS.split()) | VOLATILE
"""Functions that a diagnostic may call, without their schema `pg_catalog`."""

_OPERATORS = r"""
    !! !~ !~* !~~ !~~* # ## #- #> #>> % & && &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / < <-> << <<= <<| <=
    <> <@ <^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @-@ @> @? @@ @@@ ^ ^@ | |&> |/ |>> || ||/ ~ ~* ~<=~ ~<~ ~=
    ~>=~ ~>~ ~~ ~~*
"""
OPERATORS = frozenset(_OPERATORS.split())
"""PostgreSQL's own operators; a test holds the list against `pg_operator` and the functions behind it."""

SECRET_TABLES = frozenset(
    {
        "pg_authid",
        "pg_shadow",
        "pg_user_mapping",
        "pg_user_mappings",
        "pg_largeobject",
        "pg_subscription",
        "pg_db_role_setting",
        "user_mapping_options",
        "pg_hba_file_rules",
        "pg_file_settings",
    }
)
"""Tables of the catalogue that hold password hashes, connection strings or the server's files."""

/**
 * The 53 cases of the public conformance suite of TUF clients (theupdateframework/tuf-conformance, as its files read in November 2026), by file.
 * Each is a case of ours of the same name; where the suite runs one with several parameters, so do we.
 */
export const suiteCases: Readonly<Record<string, readonly string[]>> = {
  basic: [
    'basic_refresh_requests',
    'basic_refresh_trusted_data',
    'implicit_refresh',
    'invalid_initial_root',
    'unsigned_initial_root',
    'unsigned_metadata',
    'url_and_metadata_version_mismatch',
    'timestamp_content_changes',
    'basic_metadata_hash_support',
    'metadata_bytes_match',
    'custom_fields',
    'deprecated_keyid_hash_algorithms',
    'snapshot_404',
    'targets_404',
    'timestamp_404',
    'incorrect_metadata_type',
    'faketime',
  ],
  keys: [
    'snapshot_does_not_meet_threshold',
    'snapshot_has_too_few_keys',
    'duplicate_keys',
    'duplicate_sig_keyids',
    'keytype_and_scheme',
    'invalid_sig_in_valid_metadata',
  ],
  expiration: ['root_expired', 'timestamp_expired', 'snapshot_expired', 'targets_expired', 'expired_local_root', 'expired_local_timestamp'],
  'delegated expiration': ['delegated_targets_expired', 'expired_local_delegated_targets', 'expired_local_delegated_targets_updates'],
  rollback: [
    'simple_snapshot_rollback',
    'new_timestamp_version_rollback',
    'snapshot_rollback',
    'new_targets_fast_forward_recovery',
    'new_snapshot_fast_forward_recovery',
    'new_timestamp_fast_forward_recovery',
    'new_snapshot_version_mismatch',
    'targets_rollback',
  ],
  'file download': [
    'client_downloads_expected_file',
    'client_downloads_expected_file_in_sub_dir',
    'artifact_cache',
    'repository_substitutes_target_file',
    'multiple_changes_to_target',
    'download_with_hash_algorithms',
    'download_with_unknown_hash_algorithm',
  ],
  'quoting issues': ['unusual_role_name'],
  'delegation graphs': ['graph_traversal', 'targetfile_search'],
  'key rotations': ['root_rotation', 'non_root_rotations'],
  'static repositories': ['static_repository'],
}

/** Cases that the suite had before, under these names, and that are still worth running. */
export const formerCases: readonly string[] = ['root_has_keys_but_not_snapshot']

/** The cases of the suite that a title of ours stands for: `one, another: with these parameters`. */
export function casesOfTitle(title: string): string[] {
  return title.split(':')[0]!.split(', ')
}

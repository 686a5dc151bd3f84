import type { RestoreReport } from './restore.ts'

const MOST_NAMED = 20

/** What a restore means, line by line, for people: nothing of what is lost is left out. */
export function restoreWords({ aside, keys, signedBy, loss, stores }: RestoreReport): string[] {
  const lines = [aside === null ? 'There was nothing in its place.' : `What stood there was moved to ${aside} and kept.`]
  if (!signedBy.isOurs) lines.push(`The backup was signed by the key ${signedBy.keyId}; there was nothing here to compare it with.`)
  if (keys === 'none')
    lines.push(
      'There are no keys, and the console does not start without those that devices trust. Restore with --passphrase. Where people hold the root keys: muster keys repair --root-key FILE --root-key FILE, and devices follow by themselves. Else: muster keys repair --anew, and enrol every device anew.',
    )
  if (keys === 'foreign')
    lines.push(
      'The keys that are here did not sign the backup: if they are of another console, no enrolled device trusts them, and the console does not start. Restore again with --passphrase, or into a new data directory.',
    )
  if (keys === 'restored') lines.push('The keys of the fleet came with it.')
  if (stores.includes('telemetry.db')) lines.push(telemetryLoss(loss.records))
  if (stores.includes('fleet.db')) {
    if (loss.acts !== null && loss.acts > 0)
      lines.push(`${loss.acts} acts that came after the backup are undone; the audit log of then lies with the old files.`)
    if (loss.devicesGone !== null && loss.devicesGone.length > 0)
      lines.push(`Enrolled after the backup, must be enrolled anew: ${named(loss.devicesGone)}`)
    if (loss.devicesBack !== null && loss.devicesBack.length > 0)
      lines.push(`Taken out after the backup, now in quarantine until you take them out anew or release them: ${named(loss.devicesBack)}`)
    if (loss.acts !== null) lines.push('Revocations and quarantines that came after the backup were taken over.')
    if (loss.acts === null)
      lines.push(
        'What was done after the backup cannot be told: the store of then is not here, or cannot be read. Revoke again whom you have revoked since.',
        'Devices that come in by a certificate and have renewed it since the backup are not known by the new one: enrol those anew that stay out.',
      )
    lines.push(
      loss.people === 'kept'
        ? 'Accounts, passkeys and tokens stay as they were before the restore. Sessions are ended: everybody signs in anew.'
        : 'Accounts are those of the backup: disable again whom you have disabled since. Every token is ended: make new ones. Everybody signs in anew.',
    )
    lines.push('Codes for enrolment of then are burnt. Orders and trust metadata are signed anew, in a new epoch, at the next start.')
    lines.push(
      'Devices that keep a later head of the audit log raise the alert "Audit log rolled back". Accept it once: muster audit accept',
    )
  }
  return lines
}

function telemetryLoss(records: number | null): string {
  if (records === 0) return 'No telemetry is lost.'
  const kept = 'devices delete what the console has acknowledged, so they cannot send it again'
  if (records !== null)
    return `${records} records that came after the backup are lost: ${kept}. What was not acknowledged yet comes by itself.`
  return `Telemetry that came after the backup is lost: ${kept}. How much shows when they connect: muster telemetry --ledger`
}

function named(devices: readonly string[]): string {
  const more = devices.length - MOST_NAMED
  return more <= 0 ? devices.join(', ') : `${devices.slice(0, MOST_NAMED).join(', ')} and ${more} more`
}

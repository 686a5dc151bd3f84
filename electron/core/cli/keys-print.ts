import type { ShownKeys } from '../../../shared/rpc/contract/keys.ts'
import { printLine, printTable, timeText } from './output.ts'

/** The keys for people. */
export function printKeys(shown: ShownKeys): void {
  const lock = shown.isLocked ? 'locked' : shown.unlockedUntil === null ? 'open' : `unlocked until ${timeText(shown.unlockedUntil)}`
  printLine(
    shown.mode === 'people'
      ? `People hold the root and targets keys (${lock}).`
      : 'The console holds every key itself. The ceremony: muster keys create',
  )
  printTable(
    ['KEY', 'ROLE', 'HELD BY', 'STATE', 'KEPT', 'REHEARSED'],
    shown.keys.map((key) => [
      ...[key.keyId.slice(0, 16), key.label, key.holder, key.state === 'ended' ? `ended (${key.endReason ?? ''})` : 'active', key.kept],
      key.drill === null
        ? key.holder === 'people'
          ? 'never'
          : null
        : `${timeText(key.drill.at)}${key.drill.problem === null ? '' : ' (failed)'}`,
    ]),
  )
  printLine(`root ${shown.root.version} until ${timeText(shown.root.expiresAt)}, ${shown.root.threshold} must sign`)
  printLine(
    `list of ${shown.targets.bundles} models until ${timeText(shown.targets.expiresAt)}; timestamp until ${timeText(shown.timestamp.expiresAt)}`,
  )
  printLine(`epoch ${shown.epoch}; key files of the console lie ${shown.atRest}`)
  printWaiting(shown)
  if (!shown.isSettled) printLine('The disk refuses writes: keys that count no more still lie on it. It is tried again each minute.')
  const { current, stale, oldCount, ahead, newestRoot, refusing } = shown.devices
  printLine(
    `devices: ${current} current (${newestRoot} on the newest root), ${stale} stale, ${oldCount} with the keys of their enrolment only${ahead > 0 ? `, ${ahead} ahead of this console` : ''}${refusing > 0 ? `, ${refusing} refuse the metadata of this console` : ''}`,
  )
}

/** What is other in the list of models, and what waits for the targets key, with digests: so that people see what they sign. */
export function printWaiting({ list, mode }: ShownKeys): void {
  if (!list.isGood) {
    printLine('The list of models in the store is not the one that was signed last:')
    for (const what of list.differs) printLine(`  ${what}`)
  }
  if (mode !== 'people' || list.waitingCount === 0) return
  printLine(
    `${list.waitingCount} ${list.waitingCount === 1 ? 'model waits' : 'models wait'} for the targets key (keys unlock --sign DIGEST):`,
  )
  for (const { digest, versions } of list.waiting) printLine(`  ${digest}  ${versions.length === 0 ? 'no version' : versions.join(', ')}`)
}

/** Where files of keys were written. */
export function printWritten(written: readonly { label: string; file: string }[]): void {
  for (const { label, file } of written) printLine(`${label.padEnd(12)} ${file}`)
}

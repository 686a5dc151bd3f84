import { compareVersions, isVersion } from '../../../shared/domain/query/values.ts'
import { ownValue } from '../../../shared/domain/own-value.ts'
import { musterVersion } from '../../../shared/domain/version.ts'
import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { RegisteredVersion } from '../registry/registry.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { OrderSlot } from '../store/fleet/terms.ts'
import { lackingReader, unionBytes, type Lacking } from './lacking.ts'

type Preview = Omit<ResultOf<'deployments.preview'>, 'skipped' | 'heldBy' | 'missing'>
type Warning = Preview['warnings'][number]['warning']

/** Devices that a warning names; the others are counted. */
const EXAMPLES = 5
/** What the agent and an idle runtime take beside a model, as measured on the smallest board. */
const RUNTIME_BYTES = 150e6

/** What a preview is made of. */
export interface PreviewSources {
  version: RegisteredVersion
  deployment: string
  alias: string | null
  bundleBytes: number
  /** Blocks of a bundle by hash; null for one that this registry does not know. */
  blocksOf(digest: string): Map<string, number> | null
  /** The same with what they weigh on the wire, and the manifest. */
  travelOf(digest: string): Map<string, number> | null
  entries: readonly RosterEntry[]
  /** The place that the version is for. */
  slot: OrderSlot
  /** True for a device that would get another bundle or role. */
  changes(entry: RosterEntry): boolean
}

/** What each selected device would see, all in memory. */
export function previewDeployment(of: PreviewSources, page: { onlyChanges: boolean; offset: number; limit: number }): Preview {
  const { digest } = of.version
  const onDiskOf = lackingReader({ digest, bundleBytes: of.bundleBytes, blocksOf: of.blocksOf })
  // As forecasts of rollouts and costs do: both must speak of the same bytes.
  const onWireOf = lackingReader({ digest, blocksOf: of.travelOf })
  const isOlder = versionComparer()
  const groups = new Set<Lacking>()
  const rows = of.entries.map((entry) => {
    const lacking = onWireOf(entry)
    const row = previewDevice(of, entry, { bytesToFetch: lacking.bytes, bytesToStore: onDiskOf(entry).bytes, isOlder })
    if (row.change) groups.add(lacking)
    return row
  })
  const changing = rows.filter((row) => row.change)
  const listed = page.onlyChanges ? changing : rows
  return {
    deployment: of.deployment,
    model: of.version.model,
    version: of.version.version,
    alias: of.alias,
    total: listed.length,
    devices: listed.slice(page.offset, page.offset + page.limit),
    counts: {
      selected: rows.length,
      changing: changing.length,
      unchanged: rows.length - changing.length,
      changingOffline: changing.filter((row) => row.status !== 'online').length,
    },
    from: groupsOf(changing.map((row) => row.current)),
    bundleBytes: of.bundleBytes,
    bytes: {
      whole: of.bundleBytes * changing.length,
      toFetch: changing.reduce((sum, row) => sum + row.bytesToFetch, 0),
      published: unionBytes(groups),
    },
    warnings: warningsOf(changing),
  }
}

/** What is reckoned of a device before. */
interface Known {
  /** On the wire. */
  bytesToFetch: number
  /** On the disk. */
  bytesToStore: number
  isOlder(version: string, than: string): boolean
}

function previewDevice(of: PreviewSources, entry: RosterEntry, known: Known): Preview['devices'][number] {
  const { row, orders } = entry
  const order = orders.find((one) => one.deployment === of.deployment)
  const current = of.slot === 'beside' ? (order?.beside ?? undefined) : order
  const change = of.changes(entry)
  return {
    device: row.device,
    status: row.status,
    current: current === undefined ? null : { model: current.model, version: current.version },
    change,
    bytesToFetch: known.bytesToFetch,
    warnings: deviceWarnings(of, entry, known),
  }
}

function deviceWarnings({ version, deployment }: PreviewSources, { row }: RosterEntry, { bytesToStore, isOlder }: Known): Warning[] {
  const facts = row.reported?.facts
  const reported = ownValue<ReportedDeployment>(row.reported?.deployments ?? {}, deployment)
  const warnings: Warning[] = []
  const isRefused = reported?.candidate?.digest === version.digest && reported.problem !== null
  const isRefusedBeside = reported?.beside?.content.digest === version.digest && reported.beside.problem !== null
  if (isRefused || isRefusedBeside) warnings.push('refused-before')
  if (facts === undefined) return warnings
  const modelBytes = version.manifest.artifacts.model.sizeBytes
  // The agent asks for twice the size of what it fetches.
  if (bytesToStore > 0 && facts.diskFreeBytes < 2 * bytesToStore) warnings.push('disk')
  // A model is loaded beside the one that serves, and its weights are held twice while it loads.
  if (facts.memoryBytes < 2 * modelBytes + RUNTIME_BYTES) warnings.push('memory')
  const tried = version.evaluations[0]?.runtimeVersion
  if (tried !== undefined && isOlder(facts.runtimeVersion, tried)) warnings.push('runtime')
  if (isOlder(facts.agentVersion, musterVersion)) warnings.push('agent')
  return warnings
}

/** Tells if both are versions and the first is before the second; a fleet has few different ones. */
function versionComparer(): Known['isOlder'] {
  const known = new Map<string, boolean>()
  return (version, than) => {
    const key = `${version} ${than}`
    const before = known.get(key) ?? (isVersion(version) && isVersion(than) && compareVersions(version, than) < 0)
    known.set(key, before)
    return before
  }
}

const messages: Record<Warning, string> = {
  disk: 'Less free disk than twice what the new files take there: the device will refuse until there is room.',
  memory: 'Little memory for this model beside the one that serves.',
  runtime: 'An older onnxruntime than the one that the version was evaluated with.',
  agent: 'An older agent than this console.',
  'refused-before': 'The device has met a problem with this version before.',
}

function warningsOf(rows: readonly Preview['devices'][number][]): Preview['warnings'] {
  return (Object.keys(messages) as Warning[]).flatMap((warning) => {
    const devices = rows.filter((row) => row.warnings.includes(warning)).map(({ device }) => device)
    return devices.length === 0
      ? []
      : [{ warning, devices: devices.length, examples: devices.slice(0, EXAMPLES), message: messages[warning] }]
  })
}

function groupsOf(currents: readonly Preview['from'][number]['current'][]): Preview['from'] {
  const groups = new Map<string, Preview['from'][number]>()
  for (const current of currents) {
    const key = current === null ? '' : `${current.model}@${current.version}`
    const group = groups.get(key) ?? { current, devices: 0 }
    groups.set(key, group)
    group.devices += 1
  }
  return [...groups.values()].sort((a, b) => b.devices - a.devices)
}

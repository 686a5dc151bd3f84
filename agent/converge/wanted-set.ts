import { servingRules, type Assignment, type ServingRules } from '../../shared/protocol/assignment.ts'
import type { SlotContent } from '../../shared/protocol/reported.ts'
import type { RuntimeRole } from '../runtime/messages.ts'
import type { JournalBeside, JournalDeployment } from './journal.ts'
import { ownOf } from './own-of.ts'

/** One bundle that the runtime shall have loaded. */
export interface SetEntry {
  deployment: string
  content: Pick<SlotContent, 'digest' | 'model' | 'version'>
  role: RuntimeRole
  serving: ServingRules
}

/** What the journal says that the runtime serves: the active bundles, each followed by the one beside it. */
export function wantedSet(order: Assignment | null, deployments: Readonly<Record<string, JournalDeployment>>): SetEntry[] {
  return Object.entries(deployments).flatMap(([deployment, { active, beside }]) => {
    if (active === null) return []
    const serving = ownOf(order?.deployments ?? {}, deployment)?.serving ?? servingRules.parse({})
    const first: SetEntry = { deployment, content: active, role: { kind: 'active' }, serving }
    const role = beside === null ? null : loadedRole(beside)
    return beside === null || role === null ? [first] : [first, { deployment, content: beside.content, role, serving }]
  })
}

/** The role of a second bundle that works in it; null for one that is not loaded. */
export function loadedRole(beside: JournalBeside): RuntimeRole | null {
  if (beside.state !== 'active') return null
  const { role, percent, cpuShare, samplesPerWindow } = beside
  switch (role) {
    case 'split':
      return { kind: 'split', percent }
    case 'shadow':
      return { kind: 'shadow', cpuShare, samplesPerWindow }
    case 'staged':
      return null
  }
}

/** True if two sets need the same generation. */
export function isSameLoad(one: readonly SetEntry[], other: readonly SetEntry[]): boolean {
  const keyOf = ({ deployment, content, role }: SetEntry): string => `${deployment} ${content.digest} ${role.kind === 'active'}`
  const keys = new Set(one.map(keyOf))
  return one.length === other.length && other.every((entry) => keys.has(keyOf(entry)))
}

/** True if two sets of equal load also have equal roles and rules. */
export function isSameTuning(one: readonly SetEntry[], other: readonly SetEntry[]): boolean {
  const tuningOf = ({ role, serving }: SetEntry): string => JSON.stringify([role, serving])
  return one.every((entry) =>
    other.some(
      (match) =>
        match.deployment === entry.deployment && match.content.digest === entry.content.digest && tuningOf(match) === tuningOf(entry),
    ),
  )
}

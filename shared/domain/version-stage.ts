/** Life of a version: imported, evaluated on hold-out rows, approved by a person, released to devices. `withdrawn`: not to be released any more. */
export const versionStages = ['draft', 'evaluated', 'approved', 'released', 'withdrawn'] as const
export type VersionStage = (typeof versionStages)[number]

/** What moves a version from stage to stage. */
export const versionActs = ['evaluate', 'approve', 'release', 'withdraw'] as const
export type VersionAct = (typeof versionActs)[number]

/** One sentence for each stage. */
export const versionStageMeanings: Record<VersionStage, string> = {
  draft: 'Imported; nobody has evaluated it on hold-out rows.',
  evaluated: 'Evaluated on hold-out rows; nobody has decided on it.',
  approved: 'Approved; not released to any device yet.',
  released: 'On its way to devices, or on them.',
  withdrawn: 'Not to be released any more; devices that have it keep it.',
}

/**
 * The one table of stages. A released version may be approved afterwards, where it was released before approval was asked for: it stays released.
 * Whether a version must be approved to be released is a matter of the policy, not of this table.
 */
export const versionTransitions = {
  draft: { evaluate: 'evaluated', approve: 'approved', release: 'released', withdraw: 'withdrawn' },
  evaluated: { approve: 'approved', release: 'released', withdraw: 'withdrawn' },
  approved: { release: 'released', withdraw: 'withdrawn' },
  released: { approve: 'released', withdraw: 'withdrawn' },
  withdrawn: { approve: 'approved' },
} as const satisfies Record<VersionStage, Partial<Record<VersionAct, VersionStage>>>

/** The stage after an act. @throws Error for a pair that the table does not have: that is a bug */
export function nextVersionStage(from: VersionStage, act: VersionAct): VersionStage {
  const row: Partial<Record<VersionAct, VersionStage>> = versionTransitions[from]
  const next = row[act]
  if (next === undefined) throw new Error(`version: '${act}' is not allowed in '${from}'`)
  return next
}

/** True if the table has the pair. */
export function mayAct(from: VersionStage, act: VersionAct): boolean {
  return Object.hasOwn(versionTransitions[from], act)
}

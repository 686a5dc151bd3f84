import { z } from 'zod'
import { deploymentName } from '../../domain/ids.ts'
import { versionActs, versionStages } from '../../domain/version-stage.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

export { versionStages, type VersionStage } from '../../domain/version-stage.ts'

/** A condition on hold-out metrics that a version must meet to be approved. */
export const offlineGate = z.strictObject({
  metric: text(64).describe('accuracy, macroF1, logLoss, mae, …'),
  kind: z
    .enum(['at-least', 'at-most', 'not-worse'])
    .describe('not-worse: than the incumbent by more than `value`, as the interval of the difference says.'),
  value: z.number().describe('at-least, at-most: the bound. not-worse: how much worse it may be.'),
})
export type OfflineGate = z.infer<typeof offlineGate>

export const approvalPolicy = z.strictObject({
  isRequired: z.boolean().default(false).describe('Only approved versions are released.'),
  needsSecondPerson: z
    .boolean()
    .default(false)
    .describe('Who imported a version, or wrote, changed or started a rollout, does not approve it.'),
  rolloutsNeedApproval: z.boolean().default(false).describe('Each rollout is approved besides its version.'),
  gates: z.array(offlineGate).max(20).default([]),
})
export type ApprovalPolicy = z.infer<typeof approvalPolicy>

const version = z.strictObject({ model: text(64), version: text(64) })
const why = text(2000).default('')

const gateResult = z.object({
  gate: offlineGate,
  state: z.enum(['pass', 'fail', 'not enough evidence']),
  value: z.number().nullable(),
  incumbent: z.number().nullable(),
  sentence: text(500),
})
/** How a version meets a gate. */
export type OutputGate = z.infer<typeof gateResult>

const decision = z.object({
  at: epochMs,
  by: text(200),
  act: z.enum(versionActs),
  from: z.enum(versionStages),
  to: z.enum(versionStages),
  why: text(2000),
  isDespiteGates: z.boolean(),
})

const standing = z.object({
  model: text(64),
  version: text(64),
  stage: z.enum(versionStages),
  sentence: text(500).describe('Where it is, and what comes next.'),
  incumbent: text(64).nullable().describe('The version that it was compared with.'),
  gates: z.array(gateResult),
  decisions: z.array(decision).describe('The newest first.'),
  isApproved: z.boolean().describe('Somebody approved it, and nobody withdrew it since.'),
  missing: text(500).nullable().describe('What must be done before it may be released; null: nothing.'),
  canApprove: z.boolean(),
  canWithdraw: z.boolean(),
})
/** A version and where it stands. */
export type Standing = z.infer<typeof standing>

/** What an act of a person did; done again it changes nothing. */
const acted = standing.extend({ isChanged: z.boolean() })

export const approvalsMethods = {
  'approvals.show': query('Stage of a version, how it meets the gates, who decided what and why.', version, standing),
  'approvals.list': query(
    'Versions that wait for a decision, the oldest first, and those that were decided of late.',
    z.strictObject({ stage: z.enum(versionStages).optional(), model: text(64).optional() }),
    z.object({ versions: z.array(standing.omit({ decisions: true }).extend({ since: epochMs, importedBy: text(200).nullable() })) }),
  ),
  'approvals.policy': query('What approval needs.', z.strictObject({}), approvalPolicy),
  'approvals.whoAmI': query(
    'Who the caller is for decisions and the audit log. It is a name that the caller gave, not a proof.',
    z.strictObject({}),
    z.object({ actor: text(200), person: text(64).nullable().describe('null: no name is known, only the way in.') }),
  ),
  'approvals.setPolicy': command('Says what approval needs from now on.', approvalPolicy, approvalPolicy, 'admin'),
  'approvals.approve': command(
    'Approves a version. A version that fails an offline gate needs `isDespiteGates`.',
    version.extend({ why, isDespiteGates: z.boolean().default(false) }),
    acted,
    'approver',
  ),
  'approvals.withdraw': command(
    'Takes the approval back: the version is not released any more; devices keep it.',
    version.extend({ why }),
    acted,
    'approver',
  ),
  'approvals.fallbacks': query(
    'The version that devices of a deployment go back to when they have none of their own.',
    z.strictObject({}),
    z.object({
      fallbacks: z.array(
        z.object({
          deployment: deploymentName,
          model: text(64),
          version: text(64),
          by: text(200),
          at: epochMs,
          devices: count.describe('Devices that are ordered to have the deployment.'),
        }),
      ),
    }),
  ),
  'approvals.setFallback': command(
    'Sets or takes away the fallback version of a deployment.',
    z.strictObject({ deployment: deploymentName, model: text(64).nullable(), version: text(64).nullable() }),
    z.object({ deployment: deploymentName, model: text(64).nullable(), version: text(64).nullable() }),
  ),
} as const

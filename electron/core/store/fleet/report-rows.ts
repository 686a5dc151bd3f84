import type { WriteDb } from '../open.ts'

/** A period, its end exclusive. */
export interface Within {
  from: number
  through: number
}

/** An alert that fired in a period or was under way when it began, as it stood at the end of it. */
export interface FiredAlert {
  alert: number
  ruleName: string
  severity: string
  device: string | null
  deployment: string | null
  sentence: string
  firedAt: number
  /** null: not before the period ended. */
  resolvedAt: number | null
  acknowledgedAt: number | null
}

/** A rollout that was under way in a period, as its log says it at the end of it. */
export interface RolloutWithin {
  id: number
  name: string
  deployment: string
  model: string
  version: string
  startedAt: number
  endedAt: number | null
  state: string
}

/** What happened to devices in a rollout, by kind of event. */
export interface RolloutTally {
  rollout: number
  kind: string
  devices: number
}

/** A decision about a version. */
export interface DecisionWithin {
  at: number
  model: string
  version: string
  act: string
  actor: string
  toStage: string
  why: string
  isDespiteGates: 0 | 1
}

export type ReportRows = ReturnType<typeof openReportRows>

/** What reports ask of a period. Answers are as of its end, so that they are the same whenever they are asked. */
export function openReportRows(db: WriteDb) {
  const alerts = db.prepare<Within, FiredAlert>(
    `SELECT id AS alert, rule_name AS ruleName, severity, device, deployment, sentence, fired_at AS firedAt,
      CASE WHEN resolved_at < @through THEN resolved_at END AS resolvedAt,
      CASE WHEN json_extract(acknowledged, '$.at') < @through THEN json_extract(acknowledged, '$.at') END AS acknowledgedAt
    FROM alert WHERE fired_at < @through AND (resolved_at IS NULL OR resolved_at >= @from) ORDER BY fired_at, id`,
  )
  const rollouts = db.prepare<Within, RolloutWithin>(
    `SELECT id, name, deployment, model, version, started_at AS startedAt, CASE WHEN ended_at < @through THEN ended_at END AS endedAt,
      coalesce((SELECT to_state FROM rollout_event WHERE rollout = rollout.id AND device IS NULL AND to_state IS NOT NULL AND at < @through
        ORDER BY seq DESC LIMIT 1), 'draft') AS state
    FROM rollout WHERE started_at < @through AND (ended_at IS NULL OR ended_at >= @from) ORDER BY id`,
  )
  const tally = db.prepare<{ rollout: number; through: number }, RolloutTally>(
    `SELECT rollout, kind, count(DISTINCT device) AS devices FROM rollout_event
    WHERE rollout = @rollout AND device IS NOT NULL AND at < @through GROUP BY kind ORDER BY kind`,
  )
  const log = db.prepare<
    { rollout: number; through: number; limit: number },
    { seq: number; at: number; actor: string; kind: string; sentence: string }
  >(
    `SELECT seq, at, actor, kind, sentence FROM rollout_event
    WHERE rollout = @rollout AND device IS NULL AND at < @through ORDER BY seq LIMIT @limit`,
  )
  const decisions = db.prepare<Within, DecisionWithin>(
    `SELECT at, model, version, act, actor, to_stage AS toStage, why, is_despite_gates AS isDespiteGates FROM version_decision
    WHERE at >= @from AND at < @through ORDER BY id`,
  )
  const actions = db.prepare<Within, { action: string; entries: number; actors: number }>(
    `SELECT action, count(*) AS entries, count(DISTINCT actor) AS actors FROM audit WHERE at >= @from AND at < @through
    GROUP BY action ORDER BY action`,
  )
  return {
    alertsWithin: (period: Within): FiredAlert[] => alerts.all(period),
    rolloutsWithin: (period: Within): RolloutWithin[] => rollouts.all(period),
    tallyOf: (rollout: number, through: number): RolloutTally[] => tally.all({ rollout, through }),
    /** What happened to a rollout as a whole, in its order. */
    logOf: (rollout: number, through: number, limit: number) => log.all({ rollout, through, limit }),
    decisionsWithin: (period: Within): DecisionWithin[] => decisions.all(period),
    /** Entries of the audit log by what was done. */
    actionsWithin: (period: Within) => actions.all(period),
  }
}

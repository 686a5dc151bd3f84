import { z } from 'zod'
import { count, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const empty = z.strictObject({})

const sampleFleetShown = z.object({
  state: z
    .enum(['none', 'starting', 'running', 'stopping', 'stopped', 'failed'])
    .describe('none: there is no sample fleet. failed: it could not be started; the problem says why, and start tries again.'),
  job: text(64).nullable().describe('The job that starts it, while it runs: progress is in jobs.show.'),
  agents: z
    .array(
      z.object({
        device: text(64),
        site: text(64),
        pid: z.int().nullable(),
        url: text(512).nullable().describe('Its local HTTP interface.'),
        state: z.enum(['not-enrolled', 'stopped', 'starting', 'running', 'restarting']),
        restarts: count.describe('How often it ended by itself and was started again, in this run of the console.'),
        problem: text(2000).nullable().describe('Why it ended the last time.'),
      }),
    )
    .describe('Local agents, each a process of its own.'),
  models: z.array(z.object({ model: text(64), version: text(64), isImported: z.boolean(), isDeployed: z.boolean() })),
  load: z
    .object({
      requestsPerSecond: z.number().nonnegative().describe('Answered requests of all agents, measured over the last seconds.'),
      answered: count,
      failed: count,
    })
    .nullable()
    .describe('Rows of the sample streams that are sent to the agents, each with its true label as feedback.'),
  problem: z.object({ code: text(64), message: text(2000), hint: text(500).optional() }).nullable(),
  removal: text(1000).describe('One sentence: what sampleFleet.remove will do now.'),
})
export type SampleFleetShown = z.infer<typeof sampleFleetShown>

export const sampleFleetMethods = {
  'sampleFleet.show': query(
    'The sample fleet: local agents with sample models and real rows, for trying the console.',
    empty,
    sampleFleetShown,
  ),
  'sampleFleet.start': command(
    'Starts the sample fleet: imports the sample models, enrols five local agents, deploys to them and sends them rows. What exists already is kept. Returns a job.',
    empty,
    z.object({ job: text(64) }),
  ),
  'sampleFleet.stop': command(
    'Stops the agents of the sample fleet and the rows; they stay enrolled. A start that runs is cancelled.',
    empty,
    z.object({ state: z.enum(['none', 'stopping', 'stopped']) }),
  ),
  'sampleFleet.remove': command(
    'Stops the sample fleet, takes its devices out of the fleet and deletes their folders. The imported models and the telemetry stay.',
    empty,
    z.object({ devices: z.array(text(64)) }),
  ),
} as const

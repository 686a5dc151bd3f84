import { z } from 'zod'
import { modelName, modelVersionName } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const sourceName = z.string().regex(/^[a-z0-9-]{1,64}$/, 'a source is 1 to 64 of a-z, 0-9 and -')

/** Name of a model or a version as the tracking server has it: any text, far from the rules of ours. */
const remoteName = z.string().min(1).max(256)

/** How a console proves who it is to a tracking server. A secret that is null stays as it was. */
const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('token'), secret: z.string().min(1).max(8192).nullable() }),
  z.strictObject({ kind: z.literal('basic'), username: z.string().min(1).max(256), secret: z.string().min(1).max(8192).nullable() }),
])

const watch = z.strictObject({
  model: remoteName,
  alias: remoteName,
  as: modelName.nullable().default(null).describe('Name of the model here; null: made of its name there.'),
})
export type SourceWatch = z.infer<typeof watch>

const mlflowSettings = z.strictObject({
  kind: z.literal('mlflow'),
  url: z.string().min(1).max(2048),
  auth: auth.default({ kind: 'none' }),
  ca: z
    .string()
    .max(64 * 1024)
    .nullable()
    .default(null)
    .describe('Certificates (PEM) that its TLS is checked with; null: those of the system.'),
  allowsPlain: z.boolean().default(false).describe('A secret may go over http to another machine.'),
  writesTags: z.boolean().default(true).describe('Tell back, as tags, where its versions run.'),
  everyMinutes: z.int().min(1).max(1440).default(5),
  watches: z.array(watch).max(50).default([]).describe('Aliases whose versions are imported as drafts.'),
  isEnabled: z.boolean().default(true),
})

const folderSettings = z.strictObject({
  kind: z.literal('folder'),
  folder: z.string().min(1).max(4096).describe('Its subfolders MODEL@VERSION are imported as drafts.'),
  isEnabled: z.boolean().default(true),
})

/** A place that models come from. */
export const sourceSettings = z.discriminatedUnion('kind', [mlflowSettings, folderSettings])
export type SourceSettings = z.infer<typeof sourceSettings>
export type MlflowSettings = z.infer<typeof mlflowSettings>
export type FolderSettings = z.infer<typeof folderSettings>

const shownProblem = z.object({ code: text(64), message: text(2000), at: epochMs })

const shownSource = z.object({
  source: sourceName,
  settings: sourceSettings.describe('Without secrets.'),
  hasSecret: z.boolean(),
  setAt: epochMs,
  setBy: text(200),
  lookedAt: epochMs.nullable().describe('When it was last asked; null: not yet.'),
  problem: shownProblem.nullable(),
  offers: z.object({ waiting: count, imported: count, failed: count }),
  tags: z.object({ written: count, waiting: count }).describe('Of the deployment state that is told back.'),
})

const offerStates = ['waiting', 'imported', 'failed'] as const

const shownOffer = z.object({
  offer: count,
  source: sourceName,
  name: text(600).describe('Subfolder, or MODEL@VERSION of the tracking server.'),
  state: z.enum(offerStates),
  model: modelName.nullable(),
  version: modelVersionName.nullable(),
  notes: z.array(text(2000)).describe('What the source says and a device will not do.'),
  problem: shownProblem.omit({ at: true }).nullable(),
  attempts: count,
  nextAt: epochMs.nullable().describe('When it is tried again; null: not by itself.'),
  foundAt: epochMs,
  endedAt: epochMs.nullable(),
})

const pairs = z.record(z.string(), z.string())

/** The training run behind a version, as it was at the import. */
export const trainingRun = z.object({
  run: text(256),
  name: text(1000).nullable(),
  user: text(256).nullable(),
  startedAt: epochMs.nullable(),
  endedAt: epochMs.nullable(),
  metrics: z.record(z.string(), z.number().nullable()).describe('Last values; null: not a number.'),
  params: pairs,
  tags: pairs,
})
export type TrainingRun = z.infer<typeof trainingRun>

/** Where a version came from. */
export const versionOrigin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('mlflow'),
    url: text(2048),
    model: remoteName,
    version: remoteName,
    artifact: text(4096).describe('Path of the ONNX file among the artifacts.'),
    description: text(5000),
    tags: pairs,
    run: trainingRun.nullable(),
    joined: z.array(text(255)).describe('Files whose weights were put into the model.'),
    notes: z.array(text(2000)),
  }),
  z.object({
    kind: z.literal('folder'),
    folder: text(4096),
    joined: z.array(text(255)),
    notes: z.array(text(2000)),
  }),
])
export type VersionOrigin = z.infer<typeof versionOrigin>

const remoteVersion = z.object({
  version: remoteName,
  status: text(64),
  aliases: z.array(remoteName),
  description: text(5000),
  createdAt: epochMs.nullable(),
  run: text(256).nullable(),
  tags: pairs,
  imported: z.object({ model: modelName, version: modelVersionName }).nullable().describe('What it was imported as.'),
})

const page = { pageToken: text(2048).optional() }
const named = z.strictObject({ source: sourceName })

export const sourcesMethods = {
  'sources.list': query('Places that models come from, with how they do.', z.strictObject({}), z.object({ sources: z.array(shownSource) })),
  'sources.add': command(
    'Adds a place that models come from: an MLflow tracking server, or a folder of this machine.',
    named.extend({ settings: sourceSettings }),
    z.object({ source: shownSource }),
    'admin',
  ),
  'sources.change': command(
    'Changes a place; a secret that is null stays, unless the address is another one.',
    named.extend({ settings: sourceSettings }),
    z.object({ source: shownSource }),
    'admin',
  ),
  'sources.remove': command(
    'Removes a place. Versions that came from it stay, and so does what is known of their origin.',
    named,
    z.object({ removed: z.literal(true) }),
    'admin',
  ),
  'sources.check': query(
    'Asks a place whether it answers and lets us in. Stores nothing.',
    named,
    z.object({
      server: text(200).nullable().describe('Version of the tracking server; null: it does not say, or it is a folder.'),
      models: count.nullable().describe('Registered models of the first page, or subfolders that can be imported.'),
      ignored: z.array(text(300)).describe('Subfolders that are no MODEL@VERSION, with the reason; at most 50.'),
    }),
    'operator',
  ),
  'sources.poll': command(
    'Asks a place now, tries again what failed, and imports what is new as drafts. Returns a job.',
    named,
    z.object({ job: text(64) }),
    'operator',
  ),
  'sources.offers': query(
    'What was found in the places, the newest first, with what became of it.',
    z.strictObject({ source: sourceName.optional(), state: z.enum(offerStates).optional(), limit: z.int().min(1).max(1000).default(100) }),
    z.object({ offers: z.array(shownOffer) }),
  ),
  'sources.origin': query(
    'Where a version came from, with its training run; null: a person gave it to the console.',
    z.strictObject({ model: text(64), version: text(64) }),
    z.object({ origin: versionOrigin.nullable(), source: sourceName.nullable() }),
  ),
  'mlflow.models': query(
    'Registered models of a tracking server.',
    named.extend({ search: text(200).optional(), ...page }),
    z.object({
      models: z.array(
        z.object({
          model: remoteName,
          description: text(5000),
          aliases: z.array(z.object({ alias: remoteName, version: remoteName })),
          updatedAt: epochMs.nullable(),
        }),
      ),
      nextPageToken: text(2048).nullable(),
    }),
    'operator',
  ),
  'mlflow.versions': query(
    'Versions of a registered model, the newest first.',
    named.extend({ model: remoteName, ...page }),
    z.object({ versions: z.array(remoteVersion), nextPageToken: text(2048).nullable() }),
    'operator',
  ),
  'mlflow.import': command(
    'Imports a version of a tracking server, or the one of an alias, as a draft, with its run. Returns a job.',
    named.extend({
      model: remoteName,
      version: remoteName.optional(),
      alias: remoteName.optional(),
      as: modelName.optional().describe('Name of the model here; left out: made of its name there.'),
    }),
    z.object({ job: text(64) }),
    'operator',
  ),
} as const

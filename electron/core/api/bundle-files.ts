import { statSync } from 'node:fs'
import { artifactsOf, bundleSizeBytes } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { BundleFileImported, BundleFileWritten } from '../../../shared/rpc/contract/bundle-files.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { JobWork } from '../jobs/jobs.ts'
import type { MemberName } from '../registry/bundle-archive/format.ts'
import { openArchive, readMember, type OpenedArchive } from '../registry/bundle-archive/read-archive.ts'
import { archivePlace, writeArchive, type ArchiveMember } from '../registry/bundle-archive/write-archive.ts'
import { readManifest } from '../registry/manifest-bytes.ts'
import type { RegisteredVersion } from '../registry/registry.ts'
import type { ApiParts } from './parts.ts'
import type { ReleaseParts } from './release-parts.ts'

type Names = 'models.export' | 'models.inspectFile' | 'models.importFile'
type Parts = ReleaseParts & Pick<ApiParts, 'dataDirectory'>

/** Handlers of `models.*` about versions that travel as one file. */
export function bundleFilesHandlers(parts: Parts): Pick<Handlers, Names> {
  const { registry, jobs, uploads, dataDirectory } = parts
  return {
    'models.export': (input, context) => {
      const one = registry.version(input.model, input.version)
      const file = archivePlace(input.file, { dataDirectory, replace: input.replace })
      if (input.withHoldout && one.holdout === null)
        throw new Problem('input.invalid', `${one.model}@${one.version} was imported without hold-out rows.`, { hint: 'Leave them out.' })
      const job = newJobId()
      const work = exportWork(parts, one, { file, withHoldout: input.withHoldout })
      context.afterCommit(() => jobs.run(job, { kind: 'models.export', title: `Export ${one.model}@${one.version}` }, work))
      return { job }
    },
    'models.inspectFile': ({ file }) => inspect(parts, openArchive(uploads.take(file).path)),
    'models.importFile': (input, context) => {
      const job = newJobId()
      const title = `Import ${uploads.nameOf(input.file) ?? 'a file'}`
      const work = importWork(parts, input, context.caller.actor)
      context.afterCommit(() => jobs.run(job, { kind: 'models.importFile', title }, work))
      return { job }
    },
  }
}

function exportWork(
  { registry, keyring, fleet, now }: Parts,
  one: RegisteredVersion,
  { file, withHoldout }: { file: string; withHoldout: boolean },
): JobWork {
  return async (supervised): Promise<BundleFileWritten> => {
    const { model, version, digest, manifest, holdout } = one
    const member = async (name: MemberName, sha256: string): Promise<ArchiveMember> => {
      const path = await registry.soundPath(sha256)
      return { name, path, sizeBytes: statSync(path).size, sha256 }
    }
    const members = [await member('manifest.json', digest)]
    for (const { role, entry } of artifactsOf(manifest)) members.push(await member(memberOf[role], entry.sha256))
    const rows = withHoldout ? holdout : null
    if (rows !== null) members.push(await member('holdout.csv', rows.sha256))
    const facts = { fleet, exportedAt: now(), model, version, digest, holdoutName: rows?.name ?? null }
    const written = await writeArchive({ ...facts, members, file }, keyring, supervised)
    return { ...written, model, version, digest, hasHoldout: rows !== null }
  }
}

const memberOf = { model: 'model.onnx', baseline: 'baseline.json', golden: 'golden.json' } as const

function inspect({ registry, keyring }: Parts, archive: OpenedArchive): ResultOf<'models.inspectFile'> {
  const { index, members, signer } = archive
  const manifest = readManifest(readMember(archive, 'manifest.json'))
  const { model, version, digest, fleet, exportedAt } = index
  const there = registry.versions(model).find((one) => one.version === version)
  return {
    ...{ model, version, digest, fleet, exportedAt, task: manifest.task, sizeBytes: bundleSizeBytes(manifest) },
    ...{ signedBy: signer.keyId, isOwn: signer.publicKey === keyring.onlinePublic('assignment').publicKey },
    ...{ hasBaseline: members.has('baseline.json'), hasGolden: members.has('golden.json'), hasHoldout: members.has('holdout.csv') },
    state: there === undefined ? 'new' : String(there.digest) === digest ? 'same' : 'other',
  }
}

/** Takes the file, and lets go of it whatever comes. */
function importWork(parts: Parts, input: ParsedInputOf<'models.importFile'>, actor: string): JobWork {
  const { uploads, registry, keyring } = parts
  return async ({ signal, progress }): Promise<BundleFileImported> => {
    try {
      const { path, fileName } = uploads.take(input.file)
      const { index, signer } = openArchive(path)
      if (input.signedBy !== undefined && input.signedBy !== signer.keyId)
        throw new Problem('bundle.file-signer', `The file is signed by ${signer.keyId} and not by ${input.signedBy}.`)
      const request = { path, fileName, holdoutName: index.holdoutName, importedBy: actor, signal, progress }
      const { model, version, digest, evaluation } = await registry.importArchive(request)
      parts.changed('models')
      const isOwn = signer.publicKey === keyring.onlinePublic('assignment').publicKey
      return { model, version, digest, evaluation, signedBy: signer.keyId, isOwn }
    } finally {
      uploads.discard([input.file])
    }
  }
}

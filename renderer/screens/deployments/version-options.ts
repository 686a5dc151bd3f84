import type { VersionSummary } from '../../../shared/rpc/contract/models.ts'

/** Versions that a text finds, each of its words in model, version or alias; newest first within a model. */
export function findVersions(versions: readonly VersionSummary[], text: string): VersionSummary[] {
  const words = text.toLowerCase().replaceAll('@', ' ').split(/\s+/).filter(Boolean)
  return versions
    .filter(({ model, version, aliases }) => {
      const named = [model, version, ...aliases].join(' ').toLowerCase()
      return words.every((word) => named.includes(word))
    })
    .toSorted((a, b) => (a.model < b.model ? -1 : a.model > b.model ? 1 : b.importedAt - a.importedAt))
}

/** The version that a name stands for: a version, or an alias of the model. */
export function versionNamed(versions: readonly VersionSummary[], model: string, name: string): VersionSummary | null {
  const own = versions.filter((one) => one.model === model)
  return own.find(({ version }) => version === name) ?? own.find(({ aliases }) => aliases.some((alias) => alias === name)) ?? null
}

import { Problem } from '../../../shared/domain/problem.ts'
import { nearestName } from '../../../shared/domain/query/nearest.ts'
import { openAliasTable, type AliasChangeRow, type AliasRow } from '../store/fleet/aliases.ts'
import type { ModelTable } from '../store/fleet/models.ts'
import type { WriteDb } from '../store/open.ts'

/**
 * Movable names of model versions.
 *
 * INVARIANTS
 * 1. An alias and a version of one model never have the same name: `digits@x` means one thing.
 * 2. Every change is in the history, in the transaction of the change.
 */
export interface Aliases {
  /** The version that an alias stands for; null if there is no such alias. */
  versionOf(model: string, alias: string): string | null
  /** By model and alias. */
  list(model?: string): AliasRow[]
  /** The newest first. */
  history(model: string, limit: number): AliasChangeRow[]
  /** Call it in a transaction. @throws Problem `alias.conflict` if a version of the model has this name */
  set(of: { model: string; alias: string; version: string; actor: string; at: number }): AliasChangeRow
  /** Call it in a transaction. @throws Problem `alias.not-found` */
  remove(of: { model: string; alias: string; actor: string; at: number }): AliasChangeRow
  /** @throws Problem `alias.conflict` if an alias of the model has the name that a version is to get */
  assertFree(model: string, version: string): void
}

/** Opens the aliases of fleet.db; `models` knows the versions. */
export function openAliases(db: WriteDb, models: ModelTable): Aliases {
  const table = openAliasTable(db)
  const change = (row: AliasChangeRow): AliasChangeRow => {
    table.note(row)
    return row
  }
  return {
    versionOf: (model, alias) => table.find(model, alias)?.version ?? null,
    list: (model) => table.all(model),
    history: (model, limit) => table.history(model, limit),
    set({ model, alias, version, actor, at }) {
      if (models.version(model, alias) !== null)
        throw new Problem('alias.conflict', `${model} has a version named ${alias}; an alias of that name could not be told from it.`)
      const fromVersion = table.find(model, alias)?.version ?? null
      const row = { model, alias, at, actor, fromVersion, toVersion: version }
      // The same again is no change, and no entry of the history.
      if (fromVersion === version) return row
      table.put({ model, alias, version, setAt: at, setBy: actor })
      return change(row)
    },
    remove({ model, alias, actor, at }) {
      const fromVersion = table.find(model, alias)?.version ?? null
      if (fromVersion === null) throw new Problem('alias.not-found', noAlias(model, alias, table.all(model)))
      table.remove(model, alias)
      return change({ model, alias, at, actor, fromVersion, toVersion: null })
    },
    assertFree(model, version) {
      const known = table.find(model, version)
      if (known !== null)
        throw new Problem(
          'alias.conflict',
          `${version} is an alias of ${model} (it stands for ${known.version}); a version of that name could not be told from it.`,
        )
    },
  }
}

function noAlias(model: string, alias: string, rows: readonly AliasRow[]): string {
  const nearest = nearestName(
    alias,
    rows.map((row) => row.alias),
  )
  return `${model.slice(0, 80)} has no alias ${alias}${nearest === null ? '.' : `; is ${nearest} meant?`}`
}

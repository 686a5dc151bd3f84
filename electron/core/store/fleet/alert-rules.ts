import { alertRuleInput, type AlertRuleInput } from '../../../../shared/domain/alert.ts'
import type { WriteDb } from '../open.ts'

/** A rule as it is stored: one of a person, or what a person made of a built-in one. */
export interface StoredRule {
  /** Name of a built-in rule, or the number of another. */
  rule: string
  settings: AlertRuleInput
  setAt: number
  setBy: string
}

interface RawRule {
  id: number
  builtIn: string | null
  settings: string
  setAt: number
  setBy: string
}

const columns = 'id, built_in AS builtIn, settings, set_at AS setAt, set_by AS setBy'

export type AlertRuleTable = ReturnType<typeof openAlertRuleTable>

/** Rules of alerts that people made or changed. Numbers are never given again. */
export function openAlertRuleTable(db: WriteDb) {
  const all = db.prepare<[], RawRule>(`SELECT ${columns} FROM alert_rule ORDER BY id`)
  const insert = db.prepare('INSERT INTO alert_rule (built_in, settings, set_at, set_by) VALUES (@builtIn, @settings, @setAt, @setBy)')
  const update = db.prepare('UPDATE alert_rule SET settings = @settings, set_at = @setAt, set_by = @setBy WHERE id = @id')
  const removeNumber = db.prepare('DELETE FROM alert_rule WHERE id = ? AND built_in IS NULL')
  const restore = db.prepare('DELETE FROM alert_rule WHERE built_in = ?')
  const find = (rule: string): RawRule | undefined => all.all().find((raw) => nameOf(raw) === rule)
  return {
    all: (): StoredRule[] => all.all().map(fromRaw),
    /** Stores a rule and gives its id. @param builtIn name of the built-in rule that it changes; null: a rule of its own */
    put(of: { rule: string | null; builtIn: string | null; settings: AlertRuleInput; setAt: number; setBy: string }): string {
      const row = { settings: JSON.stringify(of.settings), setAt: of.setAt, setBy: of.setBy }
      const known = of.rule === null ? undefined : find(of.rule)
      if (known !== undefined) {
        update.run({ ...row, id: known.id })
        return of.rule!
      }
      const { lastInsertRowid } = insert.run({ ...row, builtIn: of.builtIn })
      return of.builtIn ?? String(lastInsertRowid)
    },
    /** Takes a rule out, or what was changed of a built-in one. */
    remove(rule: string): boolean {
      return restore.run(rule).changes > 0 || (/^\d+$/.test(rule) && removeNumber.run(Number(rule)).changes > 0)
    },
  }
}

function nameOf({ id, builtIn }: RawRule): string {
  return builtIn ?? String(id)
}

/** Settings are parsed: a field that came with a newer version has its default. */
function fromRaw(raw: RawRule): StoredRule {
  return { rule: nameOf(raw), settings: alertRuleInput.parse(JSON.parse(raw.settings)), setAt: raw.setAt, setBy: raw.setBy }
}

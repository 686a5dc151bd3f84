/**
 * Columns that an evaluation needs and a file does not have: the features by name, and the truth.
 * A file of more columns than are listed is left to the core to judge.
 */
export function missingColumns(
  file: { columns: readonly string[]; columnCount: number },
  schema: { features: readonly { name: string }[]; target: string | null },
): string[] {
  if (file.columnCount > file.columns.length) return []
  const there = new Set(file.columns)
  const needed = [...schema.features.map(({ name }) => name), ...(schema.target === null ? [] : [schema.target])]
  return needed.filter((name) => !there.has(name))
}

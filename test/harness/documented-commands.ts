/** A command of a document, as a reader copies it. */
export interface DocumentedCommand {
  /** The command without its remark; it may go over several lines. */
  command: string
  /** Lines that the document shows as its output; `…` stands for anything. */
  prints: readonly string[]
  /** The remark says that one looks again until the output is so. */
  isRepeated: boolean
  /** What the remark says that it needs, beyond a bare machine, in small letters: `# needs Docker`. */
  needs: string | null
}

/** The commands of the `sh` blocks of a Markdown text, in order. A `text` block right behind shows what the last command prints. */
export function documentedCommands(markdown: string): DocumentedCommand[] {
  const commands: DocumentedCommand[] = []
  for (const [, block, output] of markdown.matchAll(/^```sh\n([^]*?)^```$(?:\n+```text\n([^]*?)^```$)?/gm)) {
    const parts = commandsOfBlock(block!)
    const prints = (output ?? '').split('\n').filter((line) => line.trim() !== '')
    commands.push(...parts.map((part, i) => ({ ...part, prints: i === parts.length - 1 ? prints : [] })))
  }
  return commands
}

/** The part of a document under one heading of the second level. */
export function sectionOf(markdown: string, heading: string): string {
  const from = markdown.indexOf(`\n## ${heading}\n`)
  if (from < 0) throw new Error(`there is no section '${heading}'`)
  return markdown.slice(from + 1).split('\n## ')[0]!
}

function commandsOfBlock(block: string): Omit<DocumentedCommand, 'prints'>[] {
  const commands: Omit<DocumentedCommand, 'prints'>[] = []
  let open = ''
  for (const line of block.split('\n')) {
    if (open === '' && line.startsWith('#')) continue
    open = open === '' ? line : `${open}\n${line}`
    if (isOpen(open)) continue
    const [, command, remark] = /^([^]*?)(?:\s+(#[^'"\n]*))?$/.exec(open.trim())!
    const needs = /\bneeds (?:an? )?([a-z]+)/i.exec(remark ?? '')?.[1]!.toLowerCase() ?? null
    if (command !== '') commands.push({ command: command!, isRepeated: /\bagain\b/.test(remark ?? ''), needs })
    open = ''
  }
  return commands
}

/** True while a quotation, a text for standard input or a line that goes on has not ended. */
function isOpen(text: string): boolean {
  const here = /<<'(\w+)'/.exec(text)
  if (here !== null) return !text.endsWith(`\n${here[1]}`)
  return (text.match(/'/g) ?? []).length % 2 === 1 || text.endsWith('\\')
}

/** The lines that should have been printed and were not. */
export function missingLines(prints: readonly string[], output: string): string[] {
  const printed = output.split('\n').map((line) => line.replace(/\s+/g, ' ').trim())
  return prints.filter((line) => {
    const parts = line.replace(/\s+/g, ' ').trim().split('…')
    const pattern = new RegExp(`^${parts.map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join('.*')}$`)
    return !printed.some((one) => pattern.test(one))
  })
}

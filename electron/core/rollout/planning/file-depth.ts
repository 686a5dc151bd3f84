import { CST, Lexer } from 'yaml'

/** Marks of the lexer itself, for the begin of a document and of a text: they say nothing. */
const silent: readonly string[] = [CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]

/**
 * How deep a text nests, before it is parsed: the parser goes down by one call a level. It is cut into the tokens that the parser sees, so that
 * brackets and marks within texts and comments do not count, and cannot hide others.
 * @returns brackets: most that are open at once; indent: most columns of indent and marks - ? : of a line, outside brackets
 */
export function depthOf(text: string): { brackets: number; indent: number } {
  const most = { brackets: 0, indent: 0 }
  let open = 0
  let column = 0
  let isBegin = true
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') open += 1
    else if (token === ']' || token === '}') open = Math.max(0, open - 1)
    const isMark = /^[-?:]$/.test(token)
    if (/^\r?\n$/.test(token)) {
      column = 0
      isBegin = true
    } else if (open === 0 && (isMark || (isBegin && /^[ \t]+$/.test(token)))) column += token.length
    else if (!silent.includes(token)) isBegin = false
    most.brackets = Math.max(most.brackets, open)
    most.indent = Math.max(most.indent, column)
  }
  return most
}

/**
 * Lets compiled modules import from the modules that define what they name, past the doors of rooms: where a bundle is split,
 * esbuild otherwise loads all that a door leads to for the sake of one function.
 */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/** An export's module, and its name there. */
interface Origin {
  readonly path: string;
  readonly name: string;
}

export class DirectImports {
  /** By module, the origins of its exports by their names. */
  private readonly known = new Map<string, ReadonlyMap<string, Origin>>();

  /** The text of a module, with imports from their origins. */
  redirect(path: string, text: string): string {
    let result = '';
    let end = 0;
    const file = parse(path, text);
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      const from = moduleOf(path, statement.moduleSpecifier);
      const named = namesIn(statement);
      if (from === undefined || named === undefined) continue;
      const keyword = ts.isImportDeclaration(statement) ? 'import' : 'export';
      const lines = [...named.elements].map(({ propertyName, name }) => {
        const origin = this.origin(from, (propertyName ?? name).text);
        return `${keyword} { ${origin.name} as ${name.text} } from '${specifier(path, origin.path)}';`;
      });
      result += text.slice(end, statement.getStart(file)) + lines.join(' ');
      end = statement.end;
    }
    return result + text.slice(end);
  }

  private origin(path: string, name: string): Origin {
    return this.exportsOf(path).get(name) ?? { path, name };
  }

  private exportsOf(path: string): ReadonlyMap<string, Origin> {
    const found = this.known.get(path);
    if (found) return found;
    const origins = new Map<string, Origin>();
    this.known.set(path, origins);
    for (const statement of parse(path, readFileSync(path, 'utf8')).statements) {
      if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) continue;
      const from = moduleOf(path, statement.moduleSpecifier);
      const { exportClause } = statement;
      if (from === undefined) continue;
      if (exportClause === undefined) {
        for (const name of this.namesOf(from)) origins.set(name, this.origin(from, name));
      } else if (ts.isNamedExports(exportClause)) {
        for (const { propertyName, name } of exportClause.elements) {
          origins.set(name.text, this.origin(from, (propertyName ?? name).text));
        }
      }
    }
    return origins;
  }

  /** The names of all exports of a module. */
  private namesOf(path: string): string[] {
    const names = [...this.exportsOf(path).keys()];
    for (const statement of parse(path, readFileSync(path, 'utf8')).statements) {
      if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier) {
        const clause = statement.exportClause;
        if (clause && ts.isNamedExports(clause)) names.push(...clause.elements.map(({ name }) => name.text));
      } else if (ts.canHaveModifiers(statement) && isExported(statement)) {
        if (ts.isVariableStatement(statement)) {
          for (const { name } of statement.declarationList.declarations) {
            if (ts.isIdentifier(name)) names.push(name.text);
          }
        } else {
          const { name } = statement as ts.FunctionDeclaration | ts.ClassDeclaration;
          if (name) names.push(name.text);
        }
      }
    }
    return names;
  }
}

/** What an import or export of another module names. */
function namesIn(statement: ts.ImportDeclaration | ts.ExportDeclaration) {
  const named = ts.isImportDeclaration(statement)
    ? statement.importClause?.namedBindings
    : statement.exportClause;
  return named && (ts.isNamedImports(named) || ts.isNamedExports(named)) ? named : undefined;
}

const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);

const isExported = (statement: ts.HasModifiers): boolean =>
  ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** The path of an imported module; undefined for packages. */
function moduleOf(path: string, given: ts.Expression | undefined): string | undefined {
  const name = (given as ts.StringLiteral | undefined)?.text;
  return name?.startsWith('.') ? resolve(dirname(path), name) : undefined;
}

function specifier(from: string, to: string): string {
  const way = relative(dirname(from), to).split(sep).join('/');
  return way.startsWith('.') ? way : `./${way}`;
}

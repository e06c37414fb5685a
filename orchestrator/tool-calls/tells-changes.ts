/** Words of git commands that choose files or a form, and print no content of a file. */
const word = String.raw`(?:(?!-)[\w./~^@:]+(?:-[\w./~^@:]+)*|-(?:s|b|sb|bs|z|m|o|d|uno|unormal|uall)|--(?:short|branch|porcelain(?:=v?[12])?|untracked-files(?:=\w+)?|ignored(?:=\w+)?|show-stash|cached|staged|modified|deleted|others|exclude-standard|dirty|always|tags|long|no-color|stat|shortstat|numstat|name-only|name-status|quiet)|--)`;
const rest = `(?: ${word})*`;
/** Comparisons print content, unless they are told to print less. */
const less = '(?: --(?:stat|shortstat|numstat|name-only|name-status|quiet))';
const gitCommand = `git(?: -C [\\w./-]+)? (?:(?:status|ls-files|describe)${rest}|diff${rest}${less}${rest})`;
const shorten = String.raw`(?: \| (?:head|tail|wc|sort)(?: -\w+)?(?: \d+)?)?`;
const line = new RegExp(`^(?:cd [\\w./-]+ (?:&&|;) )?${gitCommand}${shorten}(?: ?(?:&&|;) ${gitCommand}${shorten})*$`);

/**
 * Whether a line only asks git which files have changed. Git compares the files for the answer, so those with keys must be
 * as they are, or it calls them changed; but nothing of what they hold is printed. Pure.
 */
export function tellsChanges(command: string): boolean {
  return line.test(command.trim());
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as people say them, in powers of a thousand: `12.3 MB`. */
export function bytes(amount: number): string {
  let unit = 0;
  let value = amount;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit ? value.toFixed(1) : value} ${UNITS[unit]}`;
}

/** A number with its thousands set apart. */
export function count(amount: number): string {
  return amount.toLocaleString('en');
}

/** A number and what it counts: `1 file`, `2,913 files`. */
export function counted(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

const WHEN = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'medium',
  timeStyle: 'short'
});

/** A moment where the reader is; empty where it is not known. */
export function when(moment: string | number | null): string {
  if (moment === null) return '';
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? '' : WHEN.format(date);
}

/** Permissions as `ls` and as `chmod` have them: `rwxr-xr-x (755)`. */
export function mode(bits: number): string {
  const letters = [...'rwxrwxrwx']
    .map((letter, i) => (bits & (0o400 >> i) ? letter : '-'))
    .join('');
  return `${letters} (${(bits & 0o7777).toString(8).padStart(3, '0')})`;
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

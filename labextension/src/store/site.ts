/**
 * The site as images know it: without query and fragment, with a slash at its end.
 *
 * @param url - The absolute URL of the root of the site.
 */
export function siteOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + (pathname.endsWith('/') ? pathname : `${pathname}/`);
}

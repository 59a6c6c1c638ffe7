/** All that is loaded when a panel is first shown. */
import '../../../style/panel.css';

import {
  DiskImages,
  type IImages,
  type ILink,
  Link,
  PageImages,
  PanelModel
} from '../../panel';
import { PanelWidget } from '../../panel/views';
import { CommTransport } from './comm-transport';
import type { ISite } from './site';

let ofPage: PageImages | null = null;

/** The images of a panel: the page's own, which all of its panels share, or a native kernel's. */
export function imagesOf(site: ISite, link: ILink): IImages {
  if (!site.isInBrowser) return new DiskImages(link);
  const { url, environments } = site;
  return (ofPage ??= new PageImages({ site: url, environments }));
}

/** A panel for the sidebar, and what connects it to kernels. */
export function sidebarPanel(site: ISite): {
  widget: PanelWidget;
  transport: CommTransport;
} {
  const transport = new CommTransport();
  const link = new Link(transport);
  const model = new PanelModel({ images: imagesOf(site, link), link });
  return { widget: new PanelWidget(model), transport };
}

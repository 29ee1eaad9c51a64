/** The pictures that detection is timed on: photographs of ../shared/photos/group, resized to several sizes in pixels. */
export const TIMED_PHOTOS: readonly string[] = ['group-1.jpg', 'group-4.jpg', 'group-7.jpg'];

export const TIMED_SIZES = [
  [640, 480],
  [1920, 1440],
] as const;

struct Numbers { i32 w[40]; };

extern "C" __global__ void __launch_bounds__(384, 1) entry(const u8* b0, const u8* b1, const u8* b2, u8* b3, u8* b4, const Numbers n, u32* faults) {
  extern __shared__ __align__(1024) four<u32> room[];
  const i32 m = n.w[5], k = n.w[6], d = n.w[7], dv = n.w[8];
  const i32 g = i32(blockIdx.x), tiles = (m + 128 - 1) / 128, items = 1 * n.w[4];
  if (g >= items * tiles) { return; }
  const auto [tile, item] = flash::task(g, tiles, items, k, d + dv);
  const i32 first = (tiles - 1 - tile) * 128;
  i32 left = item;
  i64 o0 = n.w[9];
  i64 o1 = n.w[15];
  i64 o2 = n.w[21];
  i64 o3 = n.w[27];
  i64 o4 = n.w[33];
  { const i32 c = left % n.w[4]; left /= n.w[4];
    o0 += i64(c) * n.w[10];
    o1 += i64(c) * n.w[16];
    o2 += i64(c) * n.w[22];
    o3 += i64(c) * n.w[28];
    o4 += i64(c) * n.w[34];
  }
  const flash::Matrix q = {(const u16*)b0 + o0, n.w[11], m, d};
  const flash::Matrix key = {(const u16*)b1 + o1, n.w[18], k, d};
  const flash::Matrix value = {(const u16*)b2 + o2, n.w[24], k, dv};
  const f32 scale = bitcast<f32>(n.w[39]);
  const flash::Place to = {(u16*)b3 + o3, n.w[29], m, dv};
  flash::forward_by_groups<128, true, true>((u16*)room, q, key, value, to, (f32*)b4 + o4, n.w[35], scale, first);
}

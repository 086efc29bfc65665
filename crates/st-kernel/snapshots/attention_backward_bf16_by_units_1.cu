struct Numbers { i32 w[64]; };

extern "C" __global__ void __launch_bounds__(128) entry(const u8* b0, const u8* b1, const u8* b2, const u8* b3, const u8* b4, const u8* b5, u8* b6, u8* b7, u8* b8, const u8* b9, const Numbers n, u32* faults) {
  extern __shared__ __align__(1024) four<u32> room[];
  const i32 m = n.w[5], k = n.w[6], d = n.w[7], dv = n.w[8];
  const i32 g = i32(blockIdx.x), tiles = (m + 64 - 1) / 64, items = 1 * n.w[4];
  if (g >= items * tiles) { return; }
  const auto [tile, item] = flash::task(g, tiles, items, k, d + dv);
  const i32 first = (tiles - 1 - tile) * 64;
  i32 left = item;
  i64 o0 = n.w[9];
  i64 o1 = n.w[15];
  i64 o2 = n.w[21];
  i64 o3 = n.w[27];
  i64 o4 = n.w[33];
  i64 o5 = n.w[39];
  i64 o6 = n.w[45];
  i64 o7 = n.w[51];
  i64 o8 = n.w[57];
  { const i32 c = left % n.w[4]; left /= n.w[4];
    o0 += i64(c) * n.w[10];
    o1 += i64(c) * n.w[16];
    o2 += i64(c) * n.w[22];
    o3 += i64(c) * n.w[28];
    o4 += i64(c) * n.w[34];
    o5 += i64(c) * n.w[40];
    o6 += i64(c) * n.w[46];
    o7 += i64(c) * n.w[52];
    o8 += i64(c) * n.w[58];
  }
  const flash::Matrix q = {(const u16*)b0 + o0, n.w[11], m, d};
  const flash::Matrix key = {(const u16*)b1 + o1, n.w[18], k, d};
  const flash::Matrix value = {(const u16*)b2 + o2, n.w[24], k, dv};
  const f32 scale = bitcast<f32>(n.w[63]);
  const flash::Matrix grad = {(const u16*)b5 + o5, n.w[41], m, dv};
  const flash::Place of_q = {(u16*)b6 + o6, n.w[47], m, d};
  const flash::Place of_key = {(u16*)b7 + o7, n.w[54], k, d};
  const flash::Place of_value = {(u16*)b8 + o8, n.w[60], k, dv};
  flash::backward<32, true, true, false>((u16*)room, q, grad, key, value, of_q, of_q, (const f32*)b4 + o4, n.w[35], (const f32*)b9 + i64(item) * m, scale, first);
}

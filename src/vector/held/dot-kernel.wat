;; Inner products of one vector with many, all of 16-bit integers. A row is `stride` bytes, a multiple of 32, padded
;; with zeros. Vectors have length 32767 at most, so that neither a product nor a partial sum leaves 32 bits
;; (Cauchy-Schwarz).
(module
  ;; One page less than 32 bits name: the address behind the last row is compared with.
  (memory (export "memory") 1 65535)

  ;; Writes to `list` which of `count` integers are `least` or more, counted from 0; returns how many they are.
  (func (export "select")
    (param $dots i32) (param $count i32) (param $least i32) (param $list i32) (result i32)
    (local $i i32) (local $to i32)
    (local.set $to (local.get $list))
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (loop $next
        ;; The place is written over where the integer is less.
        (i32.store (local.get $to) (local.get $i))
        (local.set $to
          (i32.add
            (local.get $to)
            (i32.shl (i32.ge_s (i32.load (local.get $dots)) (local.get $least)) (i32.const 2))))
        (local.set $dots (i32.add (local.get $dots) (i32.const 4)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $count)))))
    (i32.shr_u (i32.sub (local.get $to) (local.get $list)) (i32.const 2)))

  ;; Of the rows whose addresses stand in `list`.
  (func (export "dotsAt")
    (param $list i32) (param $count i32) (param $stride i32) (param $probe i32) (param $out i32)
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (loop $rows
        (call $dots
          (i32.load (local.get $list))
          (i32.const 1)
          (local.get $stride)
          (local.get $probe)
          (local.get $out))
        (local.set $list (i32.add (local.get $list) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br_if $rows (local.get $count)))))

  ;; Of `count` rows that follow each other from the address `row` on.
  (func $dots (export "dots")
    (param $row i32) (param $count i32) (param $stride i32) (param $probe i32) (param $out i32)
    (local $end i32) (local $at i32) (local $even v128) (local $odd v128)
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (loop $rows
        (local.set $even (v128.const i32x4 0 0 0 0))
        (local.set $odd (v128.const i32x4 0 0 0 0))
        (local.set $at (local.get $probe))
        (local.set $end (i32.add (local.get $row) (local.get $stride)))
        (loop $columns
          (local.set $even
            (i32x4.add
              (local.get $even)
              (i32x4.dot_i16x8_s (v128.load (local.get $row)) (v128.load (local.get $at)))))
          (local.set $odd
            (i32x4.add
              (local.get $odd)
              (i32x4.dot_i16x8_s
                (v128.load offset=16 (local.get $row))
                (v128.load offset=16 (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 32)))
          (local.set $row (i32.add (local.get $row) (i32.const 32)))
          (br_if $columns (i32.lt_u (local.get $row) (local.get $end))))
        (local.set $even (i32x4.add (local.get $even) (local.get $odd)))
        (i32.store
          (local.get $out)
          (i32.add
            (i32.add
              (i32x4.extract_lane 0 (local.get $even))
              (i32x4.extract_lane 1 (local.get $even)))
            (i32.add
              (i32x4.extract_lane 2 (local.get $even))
              (i32x4.extract_lane 3 (local.get $even)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br_if $rows (local.get $count))))))
